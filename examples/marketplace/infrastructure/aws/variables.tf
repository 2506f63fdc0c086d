variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "name" {
  type    = string
  default = "marketplace"
}

variable "environment" {
  type    = string
  default = "production"
}

variable "services" {
  description = "What runs on ECS, by name. The first listener rule that fits a path has it."
  type = map(object({
    port     = number
    path     = string
    priority = number
    cpu      = number
    memory   = number
    desired  = number
  }))
  default = {
    catalog   = { port = 8080, path = "/catalog", priority = 10, cpu = 256, memory = 512, desired = 2 }
    orders    = { port = 8080, path = "/orders", priority = 20, cpu = 256, memory = 512, desired = 2 }
    inference = { port = 8080, path = "/inference", priority = 30, cpu = 1024, memory = 2048, desired = 2 }
  }
}

variable "database_class" {
  type    = string
  default = "db.t4g.medium"
}
