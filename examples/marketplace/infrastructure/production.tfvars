environment   = "production"
zones         = 3
database_size = "large"
