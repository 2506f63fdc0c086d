resource "aws_lb" "this" {
  name               = var.name
  load_balancer_type = "application"
  security_groups    = [aws_security_group.balancer.id]
  subnets            = aws_subnet.public[*].id
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "no service is routed here"
      status_code  = "404"
    }
  }
}

# Two for each service: ECS moves traffic from one to the other.
resource "aws_lb_target_group" "blue" {
  for_each             = var.services
  name                 = "${var.name}-${each.key}-blue"
  port                 = each.value.port
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = aws_vpc.this.id
  deregistration_delay = 30

  health_check {
    path     = "/healthz"
    interval = 10
    timeout  = 5
  }
}

resource "aws_lb_target_group" "green" {
  for_each             = var.services
  name                 = "${var.name}-${each.key}-green"
  port                 = each.value.port
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = aws_vpc.this.id
  deregistration_delay = 30

  health_check {
    path     = "/healthz"
    interval = 10
    timeout  = 5
  }
}

resource "aws_lb_listener_rule" "service" {
  for_each     = var.services
  listener_arn = aws_lb_listener.http.arn
  priority     = each.value.priority

  condition {
    path_pattern {
      values = [each.value.path, "${each.value.path}/*"]
    }
  }

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.blue[each.key].arn
        weight = 100
      }

      target_group {
        arn    = aws_lb_target_group.green[each.key].arn
        weight = 0
      }
    }
  }

  # Weights are ECS's to move.
  lifecycle {
    ignore_changes = [action]
  }
}
