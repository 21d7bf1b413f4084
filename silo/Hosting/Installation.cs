using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Storage.Sqlite;
using DeployCard.Silo.Hosting.Cluster;

namespace DeployCard.Silo.Hosting;

/// <summary>What all silos of an installation have in common: the storage and the secret.</summary>
internal sealed class Installation : IDisposable
{
    private const int SecretLength = 32;

    private readonly DataFolder? folder;

    private Installation(StorageProvider provider, string data, byte[] secret, DataFolder? folder = null) =>
        (Provider, Data, Secret, this.folder) = (provider, data, secret, folder);

    /// <summary>What everything is stored in.</summary>
    public StorageProvider Provider { get; }

    /// <summary>Where its data is, for people.</summary>
    public string Data { get; }

    /// <summary>
    /// Goes into the hash of every key and token, and into every webhook secret. Without it none of them is good any more: keep it with the database.
    /// </summary>
    public byte[] Secret { get; }

    /// <summary>Whether there may be further silos.</summary>
    public bool IsCluster => Provider is StorageProvider.PostgreSql;

    /// <summary>Takes it as the settings describe it. One silo alone takes its data folder for itself.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public static Installation Open(IConfiguration configuration) =>
        configuration.StorageProvider() switch
        {
            StorageProvider.PostgreSql => OpenCluster(configuration),
            var provider => OpenFolder(provider, configuration),
        };

    public void AddTo(IServiceCollection services) =>
        services
            .AddSingleton(this)
            .AddSingleton(new KeyHasher(Secret))
            .AddSingleton(new CallIds(Secret))
            .AddSingleton(new WebhookSecretFactory(Secret));

    public void Dispose() => folder?.Dispose();

    private static Installation OpenCluster(IConfiguration configuration)
    {
        var cluster = configuration.GetSection(ClusterOptions.Section).Get<ClusterOptions>() ?? new();
        return new(StorageProvider.PostgreSql, $"PostgreSQL, cluster {cluster.Id}", SharedSecret(cluster.Secret));
    }

    private static Installation OpenFolder(StorageProvider provider, IConfiguration configuration)
    {
        var storage = configuration.GetSection(SqliteStorageOptions.Section).Get<SqliteStorageOptions>() ?? new();
        var taken = DataFolder.Open(Path.GetDirectoryName(Path.GetFullPath(storage.Path))!);
        return new(provider, taken.Path, taken.Secret, taken);
    }

    // Not made up where it is missing, and not kept in the database: each silo would make its own, and who gets the database must not get this.
    private static byte[] SharedSecret(string? text)
    {
        const string Remedy =
            $"give the same {nameof(Secret)} of 32 bytes or more as base64 to every silo, best by Cluster__Secret_FILE; make one by: openssl rand -base64 32";
        if (string.IsNullOrWhiteSpace(text))
            throw new StartupException($"Cluster:Secret is not set: {Remedy}");
        var secret = new byte[text.Length];
        return Convert.TryFromBase64String(text.Trim(), secret, out var length) && length >= SecretLength
            ? secret[..length]
            : throw new StartupException($"Cluster:Secret holds no {SecretLength} bytes as base64: {Remedy}");
    }
}
