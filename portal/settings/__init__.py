"""Settings by kind of process: `dev` for one machine, `test`, and `prod`. Only this package reads the environment."""
