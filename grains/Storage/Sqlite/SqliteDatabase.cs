using System.Data.Common;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Sqlite;

/// <summary>A SQLite database. Its data source throws the exceptions of the storage itself.</summary>
internal sealed class SqliteDatabase(DbDataSource source) : SqlDatabase(source)
{
    /// <inheritdoc/>
    public override SearchSyntax Search { get; } =
        new(
            "SELECT name FROM DeploymentSearch WHERE DeploymentSearch MATCH @phrase",
            "name IN ({0})",
            @"(name LIKE @search ESCAPE '\' OR lower(title) LIKE @search ESCAPE '\')"
        );
}
