output "address" {
  value = aws_lb.this.dns_name
}

output "cluster" {
  value = aws_ecs_cluster.this.name
}

output "registry" {
  value = { for name, repository in aws_ecr_repository.service : name => repository.repository_url }
}

output "database_secret" {
  value = aws_db_instance.this.master_user_secret[0].secret_arn
}
