"""Storage settings that Django cannot say.

A chunk of 256 points is about 6 kB: it shall stay in its page, where one array element is read without
fetching the whole array. A document is sent as it is, so compressing it would only cost time. Rows that are updated often keep room in their page for the next version.
"""

from django.db import migrations

SET = """
ALTER TABLE experiments_metricchunk SET (toast_tuple_target = 8160);
ALTER TABLE experiments_latestmetric SET (fillfactor = 80);
ALTER TABLE experiments_run SET (fillfactor = 80);
ALTER TABLE experiments_rundocument ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE experiments_rundocument SET (toast_tuple_target = 8160, fillfactor = 80);
"""
RESET = """
ALTER TABLE experiments_metricchunk RESET (toast_tuple_target);
ALTER TABLE experiments_latestmetric RESET (fillfactor);
ALTER TABLE experiments_run RESET (fillfactor);
ALTER TABLE experiments_rundocument ALTER COLUMN body SET STORAGE EXTENDED;
ALTER TABLE experiments_rundocument RESET (toast_tuple_target, fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0001_initial")]
    operations = [migrations.RunSQL(SET, RESET)]
