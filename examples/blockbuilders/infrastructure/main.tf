# What blockbuilders would rent: a cluster that runs its services, and a table of jobs. The cluster's service names the very
# field that deployments write too, with the line by which the two do not fight. Nothing here needs a cloud: `terraform_data`
# is built into Terraform and OpenTofu.

terraform {
  required_version = ">= 1.6"
}

variable "environment" {
  type = string
}

variable "workers" {
  type    = number
  default = 1
}

module "cluster" {
  source      = "./cluster"
  environment = var.environment
  workers     = var.workers
}

resource "terraform_data" "jobs" {
  input = { name = "${var.environment}-jobs", keep_days = var.environment == "production" ? 30 : 1 }
}

output "jobs_table" {
  value = terraform_data.jobs.output.name
}

output "cluster" {
  value = module.cluster.name
}
