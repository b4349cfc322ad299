"""The Nguồn service: accounts, pages, interfaces, business rules and SQL."""
