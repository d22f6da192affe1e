#!/bin/sh
# Run by the start of the official Nginx image: twice a day Nginx reads its certificates again, which certbot may have
# renewed. Connections that are open stay open.
(while sleep 43200; do nginx -s reload; done) &
