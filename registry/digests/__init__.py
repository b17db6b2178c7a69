"""Reading the files of a version: for its digest when it is registered, and again before every use."""
