using System.ComponentModel.DataAnnotations;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Keys;
using DeployCard.Storage.Sqlite;

namespace DeployCard.Silo.Hosting;

/// <summary>Storage and secret that all silos of an installation share.</summary>
internal sealed class Installation : IDisposable
{
    private const int SecretLength = 32;

    private readonly DataFolder? folder;

    private Installation(StorageProvider provider, string data, byte[] secret, DataFolder? folder = null) =>
        (Provider, DataLocation, Secret, this.folder) = (provider, data, secret, folder);

    /// <summary>Database that stores all data of the installation.</summary>
    public StorageProvider Provider { get; }

    /// <summary>Location of the data, for display: path of the data folder, or name of the cluster in PostgreSQL.</summary>
    public string DataLocation { get; }

    /// <summary>
    /// Secret of the installation, at least 32 bytes. It is part of the hash of every key and token, and of every webhook secret. If the
    /// secret is lost, all of these become invalid, so a backup must contain the secret together with the database.
    /// </summary>
    public byte[] Secret { get; }

    /// <summary>Whether several silos can share the installation. Only PostgreSQL allows that.</summary>
    public bool IsCluster => Provider is StorageProvider.PostgreSql;

    /// <summary>Opens the installation that the settings describe. With SQLite, locks the data folder for this silo.</summary>
    /// <exception cref="StartupException">
    /// The provider or the path of the database is invalid, the data folder cannot be used, or the secret of the cluster is missing or
    /// invalid.
    /// </exception>
    public static Installation Open(IConfiguration configuration) =>
        configuration.GetStorageProvider() switch
        {
            StorageProvider.PostgreSql => OpenCluster(configuration),
            var provider => OpenFolder(provider, configuration),
        };

    /// <summary>Registers the installation and the services that use its secret.</summary>
    public void AddTo(IServiceCollection services) =>
        services
            .AddSingleton(this)
            .AddSingleton(new KeyHasher(Secret))
            .AddSingleton(new CallIdIssuer(Secret))
            .AddSingleton(new WebhookSecretFactory(Secret));

    public void Dispose() => folder?.Dispose();

    private static Installation OpenCluster(IConfiguration configuration)
    {
        var cluster = configuration.GetSection(ClusterOptions.Section).Get<ClusterOptions>() ?? new();
        return new(StorageProvider.PostgreSql, $"PostgreSQL, cluster {cluster.Id}", ParseSharedSecret(cluster.Secret));
    }

    private static Installation OpenFolder(StorageProvider provider, IConfiguration configuration)
    {
        var storage = configuration.GetSection(SqliteStorageOptions.Section).Get<SqliteStorageOptions>() ?? new();
        var dataFolder = DataFolder.Open(GetFolder(storage));
        return new(provider, dataFolder.Path, dataFolder.Secret, dataFolder);
    }

    /// <summary>Returns the folder of the database. Its path is checked here, because all other settings are validated later.</summary>
    private static string GetFolder(SqliteStorageOptions storage)
    {
        var isValid =
            Validator.TryValidateProperty(storage.Path, new(storage) { MemberName = nameof(storage.Path) }, null)
            && !storage.Path.Contains('\0')
            && Path.GetFileName(storage.Path).Length > 0;
        return isValid
            ? Path.GetDirectoryName(Path.GetFullPath(storage.Path))!
            : throw new StartupException(
                $"{SqliteStorageOptions.Section}:{nameof(storage.Path)} {SqliteStorageOptions.PathRule}; got '{storage.Path}'"
            );
    }

    // A missing secret is not generated, because each silo would generate a different one. The database does not contain the secret either,
    // so that a copy of the database does not reveal it.
    private static byte[] ParseSharedSecret(string? text)
    {
        const string Remedy =
            "set the same secret of at least 32 bytes in base64 on every silo, preferably with Cluster__Secret_FILE; "
            + "create one with: openssl rand -base64 32";
        if (string.IsNullOrWhiteSpace(text))
            throw new StartupException($"Cluster:Secret is not set: {Remedy}");
        var secret = new byte[text.Length];
        return Convert.TryFromBase64String(text.Trim(), secret, out var length) && length >= SecretLength
            ? secret[..length]
            : throw new StartupException($"Cluster:Secret must be at least {SecretLength} bytes in base64: {Remedy}");
    }
}
