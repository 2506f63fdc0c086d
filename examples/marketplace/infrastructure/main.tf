# What the marketplace would rent: a network, a database and a queue of orders. All of it is the `terraform_data` that is built
# into Terraform and OpenTofu, so that it plans and applies without a cloud, a provider or a network.

terraform {
  required_version = ">= 1.6"
}

variable "environment" {
  type = string
}

variable "zones" {
  type    = number
  default = 1
}

variable "database_size" {
  type    = string
  default = "small"
}

variable "database_password" {
  type      = string
  default   = "only-for-the-example"
  sensitive = true
}

resource "terraform_data" "subnet" {
  count = var.zones
  input = { name = "${var.environment}-${count.index}", range = cidrsubnet("10.0.0.0/16", 8, count.index) }
}

resource "terraform_data" "database" {
  input            = { size = var.database_size, subnet = terraform_data.subnet[0].output.name }
  triggers_replace = [var.environment]
}

resource "terraform_data" "orders" {
  input = "${var.environment}-orders"
}

output "orders_queue" {
  value = terraform_data.orders.output
}

output "database_password" {
  value     = var.database_password
  sensitive = true
}
