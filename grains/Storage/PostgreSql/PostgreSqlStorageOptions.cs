using System.ComponentModel.DataAnnotations;

namespace DeployCard.Storage.PostgreSql;

/// <summary>
/// Settings of PostgreSQL storage (section <c>Storage</c>). They apply if <c>Storage:Provider</c> is <c>PostgreSql</c>.
/// </summary>
public sealed class PostgreSqlStorageOptions
{
    /// <summary>Name of the configuration section that these options are bound to.</summary>
    public const string Section = "Storage";

    /// <summary>
    /// Npgsql connection string, which is required: <c>Host=db;Database=deploycard;Username=deploycard;Password=…</c>. The database must
    /// exist, and the user must be allowed to create tables in it. Other Npgsql keywords (TLS, several hosts) may be used. The
    /// settings of this section override the keywords of the same purpose.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Maximum number of pooled connections of one silo. If all are in use, a command waits for one up to <see cref="ConnectTimeout"/>.
    /// The sum of all silos must stay below the server's <c>max_connections</c>.
    /// </summary>
    [Range(2, 500)]
    public int MaxConnections { get; set; } = 32;

    /// <summary>Maximum time to open a connection or to wait for a free one.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Maximum time to wait for the result of a command. A grain that writes is blocked for up to this time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Maximum time that a starting silo waits for another process that upgrades the schema.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SchemaLockTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
