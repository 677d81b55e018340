"""A package, so that its conftest is not mistaken for another folder's."""
