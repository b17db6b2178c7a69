"""What operators rely on: the two commands, the supervisor, the embedded servers, the settings, the compose file."""
