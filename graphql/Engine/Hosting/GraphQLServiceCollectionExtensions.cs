using System.Reflection;
using System.Text.Encodings.Web;
using DeployCard.Common.Settings;
using DeployCard.Contracts.Access;
using DeployCard.GraphQL.Engine.DataLoading;
using DeployCard.GraphQL.Engine.Errors;
using DeployCard.GraphQL.Engine.Execution;
using DeployCard.GraphQL.Engine.Schemas;
using DeployCard.GraphQL.Engine.Transport;
using DeployCard.GraphQL.Engine.Transport.Playground;
using DeployCard.GraphQL.Engine.Transport.Sockets;
using GraphQL;
using GraphQLParser.AST;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Engine.Hosting;

/// <summary>Extension methods that register the GraphQL endpoint.</summary>
public static class GraphQLServiceCollectionExtensions
{
    /// <summary>
    /// Adds the schema of all classes marked <c>[QueryType]</c>, <c>[MutationType]</c> and <c>[SubscriptionType]</c> in the given
    /// assemblies, with their data loaders. The application must register an <see cref="ICallerAuthenticator"/> and can configure
    /// <see cref="GraphQLOptions"/>.
    /// </summary>
    /// <param name="services">Services of the application.</param>
    /// <param name="assemblies">Assemblies with resolver classes; if empty, the product's assembly is used.</param>
    public static IServiceCollection AddDeployCardGraphQL(this IServiceCollection services, params Assembly[] assemblies)
    {
        var catalog = new ResolverCatalog(assemblies.Length == 0 ? [typeof(GraphQLServiceCollectionExtensions).Assembly] : assemblies);
        return services.AddLimits().AddResolvers(catalog).AddEngine(catalog).AddTransport();
    }

    private static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.AddSettings<GraphQLOptions>(GraphQLOptions.Section);
        return services;
    }

    private static IServiceCollection AddResolvers(this IServiceCollection services, ResolverCatalog catalog)
    {
        foreach (var resolver in catalog.Instances)
            services.TryAddScoped(resolver);
        foreach (var loader in catalog.Loaders)
            services.TryAddScoped(loader);
        services.AddScoped<BatchScheduler>();
        services.AddScoped<IBatchScheduler>(provider => provider.GetRequiredService<BatchScheduler>());
        return services;
    }

    private static IServiceCollection AddEngine(this IServiceCollection services, ResolverCatalog catalog)
    {
        AnnotationAdapter.Install();
        services.AddSingleton(catalog);
        services.AddSingleton<BatchingStrategy>().AddSingleton<SerialRootStrategy>().AddSingleton<PullSubscriptionStrategy>();
        services
            .AddSingleton<LimitRule>()
            .AddSingleton<IntrospectionRule>()
            .AddSingleton<AliasRule>()
            .AddSingleton<TokenLimit>()
            .AddSingleton<PersistedOperations>()
            .AddSingleton<ExceptionTranslator>();
        services.AddSingleton(provider => new DocumentCache(
            provider.GetRequiredService<IOptions<GraphQLOptions>>().Value.MaxCachedDocuments
        ));
        services.AddSingleton<SubscriptionLimiter>().AddSingleton<OperationMetrics>().AddSingleton<OperationRunner>();
        services.AddSingleton<ISchemaPrinter, SchemaPrinter>();
        services.AddTransient(typeof(OutputType<>)).AddTransient(typeof(InterfaceOutputType<>));
        return services.AddGraphQL(library =>
            library
                // Responses are JSON and never embedded in HTML, so quotes, angle brackets and non-ASCII letters need no escapes.
                .AddSystemTextJson(options => options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
                .AddSchema<ProductSchema>()
                .AddGraphTypes(typeof(ProductSchema).Assembly)
                .AddGraphTypeMappingProvider<TypeMapping>()
                .AddErrorInfoProvider<ErrorFormat>()
                .AddExecutionStrategy<BatchingStrategy>(OperationType.Query)
                .AddExecutionStrategy<SerialRootStrategy>(OperationType.Mutation)
                .AddExecutionStrategy<PullSubscriptionStrategy>(OperationType.Subscription)
        );
    }

    private static IServiceCollection AddTransport(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services
            .AddSingleton<HttpTransport>()
            .AddSingleton<RequestReader>()
            .AddSingleton<ResponseWriter>()
            .AddSingleton<EventStreamTransport>();
        services.AddSingleton<SocketTransport>();
        services.AddSingleton<PlaygroundFiles>().AddSingleton<PlaygroundPage>();
        services.AddSingleton<GraphQLEndpoint>();
        return services;
    }
}
