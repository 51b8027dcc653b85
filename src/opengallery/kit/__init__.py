"""What we build with: tools that know nothing of markets."""
