using System.Data.Common;
using DeployCard.Contracts.Storage;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.PostgreSql;

/// <summary>A PostgreSQL database. Npgsql's data source cannot be extended to throw the exceptions of the storage.</summary>
internal sealed class PostgreSqlDatabase(DbDataSource source) : SqlDatabase(source)
{
    // Appending '' to the column keeps the planner from using its index in the scan condition.
    // ARRAY(…) makes PostgreSQL evaluate the index query first, independently of the rest of the query.
    /// <inheritdoc/>
    public override SearchSyntax Search { get; } =
        new(
            @"SELECT name FROM DeploymentIndex WHERE search LIKE SearchText(@search) ESCAPE '\'",
            "name = ANY (ARRAY({0}))",
            @"search || '' LIKE SearchText(@search) ESCAPE '\'"
        );

    /// <inheritdoc/>
    protected override bool IsConnectionLost(Exception error) => PostgreSqlErrors.IsConnectionLost(error);

    /// <inheritdoc/>
    protected override bool NeedsTranslation(Exception error) => PostgreSqlErrors.IsStorageFailure(error);

    /// <inheritdoc/>
    protected override StorageException Translate(Exception error) => PostgreSqlErrors.Translate(error, Source.ConnectionString);
}
