using System.Data.Common;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Monitoring.Alerts;
using DeployCard.Contracts.Retention;
using DeployCard.Storage.Sql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Storage;

namespace DeployCard.Storage.Stores;

/// <summary>Registers the services that do not depend on the kind of database: the stores and the grain storage of Orleans.</summary>
internal static class StorageServiceCollectionExtensions
{
    /// <summary>Adds the stores, which need a registered <see cref="SqlDatabase"/>.</summary>
    public static IServiceCollection AddStores(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton<StorageMetrics>()
            .AddSingleton<IDeploymentStore, DeploymentStore>()
            .AddSingleton<IKeyStore, KeyStore>()
            .AddSingleton<IAsyncCallStore, AsyncCallStore>()
            .AddSingleton<IBodyStore, BodyStore>()
            .AddSingleton<ILogStore, LogStore>()
            .AddSingleton<IMonitorStore, MonitorStore>()
            .AddSingleton<IAlertStore, AlertStore>()
            .AddSingleton<IRetentionStore, RetentionStore>();
    }

    /// <summary>Adds the default storage of all grains and measures its operations.</summary>
    public static IServiceCollection AddDefaultGrainStorage(
        this IServiceCollection services,
        Func<IServiceProvider, IGrainStorage> storage
    ) =>
        services
            .AddKeyedSingleton<IGrainStorage>(
                ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME,
                (all, _) => new MeasuredGrainStorage(storage(all), all.GetRequiredService<StorageMetrics>())
            )
            .AddSingleton(all => all.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME));

    /// <summary>Configures Orleans' ADO.NET storage to store state in the format that the scripts read.</summary>
    /// <param name="options">Options of the storage provider.</param>
    /// <param name="invariant">Orleans' invariant name of the database library, which selects the SQL dialect.</param>
    /// <param name="source">The database that stores the state.</param>
    public static void UseDatabase(this AdoNetGrainStorageOptions options, string invariant, DbDataSource source)
    {
        options.Invariant = invariant;
        options.DataSource = source;
        options.HashPicker = new GrainKeyHasher();
        options.GrainStorageSerializer = new JsonStateSerializer();
        // Without this, the rows of cleared states would remain and accumulate over millions of calls.
        options.DeleteStateOnClear = true;
    }
}
