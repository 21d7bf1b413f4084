using Npgsql;

namespace DeployCard.Grains.Storage.PostgreSql;

/// <summary>How this silo connects.</summary>
internal static class PostgreSqlConnections
{
    /// <summary>For the silo's life: commands of many grains share few connections, and statements are prepared as they come again.</summary>
    public static NpgsqlDataSource Shared(PostgreSqlStorageOptions options) => new NpgsqlDataSourceBuilder(Text(options, connection =>
    {
        (connection.MaxPoolSize, connection.MaxAutoPrepare, connection.AutoPrepareMinUsages) = (options.MostConnections, 200, 2);
        connection.Multiplexing = true;
        // A machine that is gone without a word would otherwise be waited for as long as the operating system does.
        (connection.TcpKeepAlive, connection.TcpKeepAliveTime, connection.TcpKeepAliveInterval) = (true, 15, 5);
    })).Build();

    /// <summary>For the schema: a few commands, one of which may take as long as it needs.</summary>
    public static string Alone(PostgreSqlStorageOptions options) => Text(options, connection => (connection.Pooling, connection.CommandTimeout) = (false, 0));

    /// <summary>Which database it is, for people: no user and no password.</summary>
    public static string Name(PostgreSqlStorageOptions options)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        return $"{connection.Database ?? connection.Username} at {connection.Host}:{connection.Port}";
    }

    private static string Text(PostgreSqlStorageOptions options, Action<NpgsqlConnectionStringBuilder> change)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            ApplicationName = "deploycard",
            Timeout = (int)options.ConnectTimeout.TotalSeconds,
            CommandTimeout = (int)options.CommandTimeout.TotalSeconds,
        };
        change(connection);
        return connection.ToString();
    }
}
