namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>Where and how a cluster stores everything (section <c>Storage</c> of the settings).</summary>
public sealed class PostgreSqlStorageOptions
{
    /// <summary>The section of the settings that these are bound to.</summary>
    public const string Section = "Storage";

    /// <summary>
    /// The database as Npgsql names it: <c>Host=db;Database=deploycard;Username=deploycard;Password=…</c>. It must exist, and this user may
    /// make tables in it. What else Npgsql knows may stand in it (TLS, several hosts), apart from what has a setting of its own here.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// The most connections of one silo, 2 to 500; who comes then waits for one, up to <see cref="ConnectTimeout"/>. All silos together must stay
    /// below the server's <c>max_connections</c>.
    /// </summary>
    public int MaxConnections { get; set; } = 32;

    /// <summary>How long a new connection, or a free one, is waited for, 1 s to 30 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the answer to a command is waited for, 1 s to 5 min. A grain that writes is held up for as long.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a silo that starts waits while another one brings the schema up to date, 1 s to 1 h.</summary>
    public TimeSpan SchemaLockTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
