using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Live;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Runtimes;
using DeployCard.GraphQL.ApiTests;
using DeployCard.GraphQL.Engine.Schemas;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>The product's own schema. Nothing is asked, so that what its resolvers ask need only be known, not be there.</summary>
internal static class ProductSchema
{
    public static async Task<string> Print()
    {
        var builder = WebApplication.CreateSlimBuilder();
        Know<IGrainFactory>();
        Know<IDeploymentStore>();
        Know<IKeyStore>();
        Know<KeyHasher>();
        Know<IAsyncCallStore>();
        Know<IImageCatalog>();
        Know<ITestSender>();
        Know<RepeatableCalls>();
        Know<ResumedFeed>();
        Know<LogTail>();
        Know<CallFeed>();
        Know<FleetFeed>();
        builder.Services.AddDeployCardGraphQL();
        await using var app = builder.Build();
        return app.Services.GetRequiredService<ISchemaPrinter>().Print();

        void Know<T>()
            where T : class =>
            builder.Services.AddSingleton<T>(_ => throw new InvalidOperationException("Printing the schema asks for nothing."));
    }
}
