using DeployCard.Client.AsyncCalls;
using DeployCard.Client.Cluster;
using DeployCard.Client.Deployments;
using DeployCard.Client.Live;
using DeployCard.Client.Logs;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Runtimes;
using DeployCard.GraphQL.ApiTests;
using DeployCard.GraphQL.Engine.Hosting;
using DeployCard.GraphQL.Engine.Schemas;
using GraphQL;
using GraphQL.Types;
using GraphQL.Validation;
using GraphQLParser;
using GraphQLParser.AST;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>Prints the product's schema. No resolver runs, so the services of resolvers are registered but never created.</summary>
internal static class ProductSchema
{
    /// <summary>Prints the schema that the product serves.</summary>
    public static async Task<string> Print()
    {
        await using var app = Build();
        return app.Services.GetRequiredService<ISchemaPrinter>().Print();
    }

    /// <summary>Returns the errors of a document that the schema does not accept; empty if the document is valid.</summary>
    public static async Task<IReadOnlyList<string>> Validate(string document)
    {
        await using var app = Build();
        var parsed = Parser.Parse(document);
        // Documents declare variables without giving values, which only execution needs.
        var validated = await new DocumentValidator().ValidateAsync(
            new ValidationOptions
            {
                Schema = app.Services.GetRequiredService<ISchema>(),
                Document = parsed,
                Operation = parsed.Definitions.OfType<GraphQLOperationDefinition>().First(),
                Variables = Inputs.Empty,
                Rules = DocumentValidator.CoreRules,
            }
        );
        return
        [
            .. validated
                .Errors.Select(error => error.Message)
                .Where(error => !error.Contains("No value provided", StringComparison.Ordinal)),
        ];
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        Register<IGrainFactory>();
        Register<IDeploymentStore>();
        Register<IKeyStore>();
        Register<KeyHasher>();
        Register<IAsyncCallStore>();
        Register<IImageCatalog>();
        Register<ITestSender>();
        Register<GrainRetry>();
        Register<ResumableStream>();
        Register<LogFollower>();
        Register<CallSubscriptions>();
        Register<FleetSubscription>();
        builder.Services.AddDeployCardGraphQL();
        return builder.Build();

        void Register<T>()
            where T : class =>
            builder.Services.AddSingleton<T>(_ => throw new InvalidOperationException("Printing the schema must not create services."));
    }
}
