environment = "production"
workers     = 2
