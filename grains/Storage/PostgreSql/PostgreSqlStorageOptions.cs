namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>The database that all silos share (section <c>Storage</c> of the settings).</summary>
public sealed class PostgreSqlStorageOptions
{
    /// <summary>The section of the settings that these are bound to.</summary>
    public const string Section = "Storage";

    /// <summary>Where it is and who asks, as Npgsql writes it: <c>Host=db;Database=deploycard;Username=deploycard;Password=…</c>.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>The most connections of one silo, 2 to 1,000.</summary>
    public int MostConnections { get; set; } = 32;

    /// <summary>How long a connection may take to be made, 1 s to 1 min.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a command may take, 1 s to 10 min; one that the database was asked for and has not ended by then may have been done or not.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait while another silo brings the schema to this version, 0 s to 1 h.</summary>
    public TimeSpan SchemaTimeout { get; set; } = TimeSpan.FromMinutes(5);
}
