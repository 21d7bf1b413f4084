using System.Collections;
using System.Data.Common;
using System.Globalization;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Sqlite;

/// <summary>ADO.NET reader over rows that are already in memory.</summary>
internal sealed class SqliteRowReader(SqliteRows rows) : DbDataReader
{
    private int at = -1;
    private bool closed;

    public override int Depth => 0;
    public override int FieldCount => rows.Columns.Length;
    public override bool HasRows => rows.Rows.Count > 0;
    public override bool IsClosed => closed;
    public override int RecordsAffected => rows.AffectedRows;
    private object[] Row => rows.Rows[at];
    public override object this[int ordinal] => Row[ordinal];
    public override object this[string name] => Row[GetOrdinal(name)];

    public override bool Read() => ++at < rows.Rows.Count;

    public override bool NextResult() => false;

    public override void Close() => closed = true;

    public override string GetName(int ordinal) => rows.Columns[ordinal];

    public override int GetOrdinal(string name)
    {
        var ordinal = Array.FindIndex(rows.Columns, column => column.Equals(name, StringComparison.OrdinalIgnoreCase));
        return ordinal >= 0 ? ordinal : throw new ArgumentOutOfRangeException(nameof(name), name, "The result has no column of this name.");
    }

    public override object GetValue(int ordinal) => Row[ordinal];

    public override Type GetFieldType(int ordinal) => Row[ordinal].GetType();

    public override string GetDataTypeName(int ordinal) => GetFieldType(ordinal).Name;

    public override bool IsDBNull(int ordinal) => Row[ordinal] is DBNull;

    public override string GetString(int ordinal) => (string)Row[ordinal];

    public override long GetInt64(int ordinal) => (long)Row[ordinal];

    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

    public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));

    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    public override double GetDouble(int ordinal) => Convert.ToDouble(Row[ordinal], CultureInfo.InvariantCulture);

    public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

    public override decimal GetDecimal(int ordinal) => (decimal)GetDouble(ordinal);

    public override char GetChar(int ordinal) => GetString(ordinal)[0];

    public override Guid GetGuid(int ordinal) => Guid.Parse(GetString(ordinal));

    public override DateTime GetDateTime(int ordinal) => StorageTime.Parse(GetString(ordinal)).UtcDateTime;

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        Array.Copy(Row, values, count);
        return count;
    }

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) =>
        throw new NotSupportedException("GetBytes is not supported because the value is in memory: call GetValue.");

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) =>
        throw new NotSupportedException("GetChars is not supported because the text is in memory: call GetString.");

    public override IEnumerator GetEnumerator() => new DbEnumerator(this);
}
