using System.Data.Common;

namespace DeployCard.Storage.Sql;

/// <summary>Reads columns that may be NULL or that contain times.</summary>
internal static class DbDataReaderExtensions
{
    /// <summary>Reads a text column; returns null if the column is NULL.</summary>
    public static string? GetStringOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>Reads a column that contains a time in the format of <see cref="StorageTime"/>.</summary>
    public static DateTimeOffset GetTime(this DbDataReader row, int column) => StorageTime.Parse(row.GetString(column));

    /// <summary>Reads a column that contains a time; returns null if the column is NULL.</summary>
    public static DateTimeOffset? GetTimeOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetTime(column);
}
