OWNER = "the project"
