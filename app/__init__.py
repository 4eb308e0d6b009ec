"""The portal: rules, queries, services and documents, put together by `app.factory`."""
