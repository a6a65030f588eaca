"""What nobody can do better than, who knew everything beforehand."""
