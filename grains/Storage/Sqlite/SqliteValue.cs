using SQLitePCL;

namespace DeployCard.Storage.Sqlite;

/// <summary>Binds parameter values to a statement and reads its column values.</summary>
internal static class SqliteValue
{
    public static int Bind(sqlite3_stmt statement, int index, object? value) =>
        value switch
        {
            null or DBNull => raw.sqlite3_bind_null(statement, index),
            string text => raw.sqlite3_bind_text(statement, index, text),
            int number => raw.sqlite3_bind_int64(statement, index, number),
            long number => raw.sqlite3_bind_int64(statement, index, number),
            bool flag => raw.sqlite3_bind_int64(statement, index, flag ? 1 : 0),
            double number => raw.sqlite3_bind_double(statement, index, number),
            byte[] bytes => raw.sqlite3_bind_blob(statement, index, bytes),
            ReadOnlyMemory<byte> bytes => raw.sqlite3_bind_blob(statement, index, bytes.Span),
            _ => throw new NotSupportedException(
                $"A parameter cannot be of type {value.GetType()}: use string, int, long, bool, double, byte[] or ReadOnlyMemory<byte>."
            ),
        };

    public static object Read(sqlite3_stmt statement, int index) =>
        raw.sqlite3_column_type(statement, index) switch
        {
            raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, index),
            raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, index),
            raw.SQLITE_TEXT => raw.sqlite3_column_text(statement, index).utf8_to_string(),
            raw.SQLITE_BLOB => raw.sqlite3_column_blob(statement, index).ToArray(),
            _ => DBNull.Value,
        };
}
