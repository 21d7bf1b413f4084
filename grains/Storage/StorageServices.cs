using System.Data.Common;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;

namespace DeployCard.Grains.Storage;

/// <summary>What all databases have in common.</summary>
internal static class StorageServices
{
    /// <summary>Keeps the state of grains and everything beside it in a database.</summary>
    /// <param name="silo">Where to.</param>
    /// <param name="invariant">Orleans' word for the dialect.</param>
    /// <param name="open">Opens the database, whose schema is applied by then: whoever comes first has that done, before any grain or store.</param>
    public static ISiloBuilder AddStorage<TSchema>(this ISiloBuilder silo, string invariant, Func<IServiceProvider, DbDataSource> open)
        where TSchema : class, IStorageSchema
    {
        silo.Services.AddSingleton<IStorageSchema, TSchema>();
        silo.Services.AddSingleton(services =>
        {
            services.GetRequiredService<IStorageSchema>().Apply();
            return open(services);
        });
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services
            .AddSingleton<IDeploymentStore, DeploymentStore>()
            .AddSingleton<IKeyStore, KeyStore>()
            .AddSingleton<IAsyncCallStore, AsyncCallStore>()
            .AddSingleton<IBodyStore, BodyStore>()
            .AddSingleton<ILogStore, LogStore>()
            .AddSingleton<IRetentionStore, RetentionStore>();
        return silo.AddAdoNetGrainStorageAsDefault(options => options.Configure<DbDataSource>((storage, source) => Use(storage, invariant, source)));
    }

    private static void Use(AdoNetGrainStorageOptions options, string invariant, DbDataSource source)
    {
        options.Invariant = invariant;
        options.DataSource = source;
        options.HashPicker = new GrainKeyHasher();
        options.GrainStorageSerializer = new JsonStateSerializer();
        // A row that is cleared must not stay behind: a million calls come and go.
        options.DeleteStateOnClear = true;
    }
}
