variable "environment" {
  type = string
}

variable "workers" {
  type = number
}

resource "terraform_data" "cluster" {
  input = "blockbuilders-${var.environment}"
}

resource "terraform_data" "worker" {
  count = var.workers
  input = "${terraform_data.cluster.output}-${count.index}"

  lifecycle {
    # Which version runs is the deployment's business, as `task_definition` of an `aws_ecs_service` is.
    ignore_changes = [input]
  }
}

output "name" {
  value = terraform_data.cluster.output
}
