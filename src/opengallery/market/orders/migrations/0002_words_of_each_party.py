"""Lines are found by words marked with their parties: the words written so far get those marks."""

from django.db import migrations

MARKED = """
    UPDATE orders_orderline AS line SET words = (
        SELECT array_to_tsvector(array_agg(mark || word))
        FROM unnest(tsvector_to_array(line.words)) AS word,
             unnest(ARRAY['', 'b' || sale.buyer_id, 's' || sale.seller_id]) AS mark
        WHERE word !~ '^[bs]:'
    )
    FROM orders_order AS sale WHERE sale.id = line.order_id AND line.words IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [migrations.RunSQL(MARKED, migrations.RunSQL.noop)]
