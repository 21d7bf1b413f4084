using DeployCard.Contracts.Access;
using DeployCard.GraphQL.Engine.Transport.Playground;
using GraphQL.Types;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Engine.Hosting;

/// <summary>Extension methods that map the GraphQL endpoint.</summary>
public static class GraphQLEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves GraphQL over HTTP, over WebSocket (<c>graphql-transport-ws</c>) and as server-sent events (<c>graphql-sse</c>, distinct
    /// connections) on one path. A browser that opens the path gets the playground, whose files are served below it.
    /// </summary>
    /// <param name="endpoints">Route builder of the application.</param>
    /// <param name="path">Path of the endpoint, for example <c>/graphql</c>.</param>
    public static IEndpointConventionBuilder MapDeployCardGraphQL(this IEndpointRouteBuilder endpoints, string path)
    {
        RequireAuthenticator(endpoints.ServiceProvider);
        endpoints.ServiceProvider.GetRequiredService<ISchema>().Initialize(); // an invalid schema must fail at startup
        var endpoint = endpoints.ServiceProvider.GetRequiredService<GraphQLEndpoint>();
        var files = endpoints.ServiceProvider.GetRequiredService<PlaygroundFiles>();
        endpoints
            .MapGet($"{path}/{PlaygroundFiles.Folder}/{{file}}", (string file, HttpContext http) => files.Send(http, file))
            .ExcludeFromDescription();
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(endpoint.Handle);
        return endpoints.Map(path, pipeline.Build()).WithDisplayName("GraphQL");
    }

    private static void RequireAuthenticator(IServiceProvider services)
    {
        if (services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(ICallerAuthenticator)))
            return;
        throw new InvalidOperationException(
            $"No {nameof(ICallerAuthenticator)} is registered; register one before calling {nameof(MapDeployCardGraphQL)}."
        );
    }
}
