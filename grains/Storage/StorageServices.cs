using System.Data.Common;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Monitoring.Alerts;
using DeployCard.Grains.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Storage;

namespace DeployCard.Grains.Storage;

/// <summary>What storage is whatever the database: the stores, and how Orleans keeps the state of grains.</summary>
internal static class StorageServices
{
    /// <summary>Adds the stores. They ask for a <see cref="DbDataSource"/>.</summary>
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

    /// <summary>The storage of all grains, measured.</summary>
    public static IServiceCollection AddDefaultStorage(this IServiceCollection services, Func<IServiceProvider, IGrainStorage> storage) =>
        services
            .AddKeyedSingleton<IGrainStorage>(
                ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME,
                (all, _) => new MeasuredGrainStorage(storage(all), all.GetRequiredService<StorageMetrics>())
            )
            .AddSingleton(all => all.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME));

    /// <summary>Keeps state in the form that the scripts read.</summary>
    /// <param name="options">What to set.</param>
    /// <param name="invariant">Orleans' word for the library, and so for the dialect.</param>
    /// <param name="source">The database.</param>
    public static void Use(this AdoNetGrainStorageOptions options, string invariant, DbDataSource source)
    {
        options.Invariant = invariant;
        options.DataSource = source;
        options.HashPicker = new GrainKeyHasher();
        options.GrainStorageSerializer = new JsonStateSerializer();
        // A row that is cleared must not stay behind: a million calls come and go.
        options.DeleteStateOnClear = true;
    }
}
