namespace DeployCard.Silo.Hosting;

/// <summary>Database that stores all data (<c>Storage:Provider</c>).</summary>
internal enum StorageProvider
{
    /// <summary>A single SQLite file, for exactly one silo.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database, shared by any number of silos.</summary>
    PostgreSql,
}

internal static class StorageProviders
{
    public const string Setting = "Storage:Provider";

    /// <summary>
    /// Returns the provider that the settings specify; <see cref="Hosting.StorageProvider.Sqlite"/> if they do not specify one.
    /// </summary>
    /// <exception cref="StartupException">The settings specify an unknown provider.</exception>
    public static StorageProvider GetStorageProvider(this IConfiguration configuration) =>
        configuration[Setting] switch
        {
            null or "" => Hosting.StorageProvider.Sqlite,
            var name when Enum.TryParse<StorageProvider>(name, ignoreCase: true, out var provider) && Enum.IsDefined(provider) => provider,
            var name => throw new StartupException(
                $"{Setting} must be {string.Join(" or ", Enum.GetNames<StorageProvider>())}; got '{name}'"
            ),
        };
}
