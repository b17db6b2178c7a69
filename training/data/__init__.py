"""Reading and checking the data of dataset versions, in a child process with packages of its own."""
