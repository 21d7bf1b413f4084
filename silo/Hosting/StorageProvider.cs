namespace DeployCard.Silo.Hosting;

/// <summary>What everything is stored in (<c>Storage:Provider</c>).</summary>
internal enum StorageProvider
{
    /// <summary>One file, for one silo.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database, which any number of silos share.</summary>
    PostgreSql,
}

internal static class StorageProviders
{
    public const string Setting = "Storage:Provider";

    /// <summary>The provider that the settings name; SQLite where they name none.</summary>
    /// <exception cref="StartupException">They name another one.</exception>
    public static StorageProvider StorageProvider(this IConfiguration configuration) =>
        configuration[Setting] switch
        {
            null or "" => Hosting.StorageProvider.Sqlite,
            var name when Enum.TryParse<StorageProvider>(name, ignoreCase: true, out var provider) && Enum.IsDefined(provider) => provider,
            var name => throw new StartupException($"{Setting} is '{name}': give {string.Join(" or ", Enum.GetNames<StorageProvider>())}"),
        };
}
