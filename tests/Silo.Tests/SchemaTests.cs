using DeployCard.GraphQL;
using DeployCard.GraphQL.ApiTests;
using DeployCard.GraphQL.Engine.Schemas;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Runtimes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Silo.Tests;

/// <summary>The schema as frontends see it stands in the repository, so that a change of it is seen in review.</summary>
public sealed class SchemaTests
{
    private const string Renew = "UPDATE_SCHEMA";

    [Fact]
    public async Task The_schema_in_the_repository_is_the_schema()
    {
        var file = Path.Combine(Solution(), "graphql", "schema.graphql");
        var printed = Print().ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(Renew) is not null)
            await File.WriteAllTextAsync(file, printed, TestContext.Current.CancellationToken);
        var kept = File.Exists(file) ? await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) : "";
        kept.ShouldBe(printed, $"graphql/schema.graphql is not what the code says. Where the change is wanted: {Renew}=1 dotnet test --project tests/Silo.Tests, and commit the file.");
    }

    [Fact]
    public void Every_type_and_field_has_a_description()
    {
        var lines = Print().Split('\n');
        var bare = new List<string>();
        // Relay's own fields come from a generic record, of which the library finds no documentation.
        string[] relay = ["  edges: ", "  nodes: ", "  node: ", "  cursor: ", "  pageInfo: "];
        for (var i = 1; i < lines.Length; i++)
        {
            var isDefinition = lines[i].StartsWith("type ") || lines[i].StartsWith("input ") || lines[i].StartsWith("enum ")
                || (lines[i].StartsWith("  ") && !lines[i].StartsWith("   ") && lines[i].Contains(':') && !lines[i].TrimStart().StartsWith('"') && !lines[i - 1].Contains('('));
            if (isDefinition && !lines[i - 1].TrimEnd().EndsWith('"') && lines[i].Trim() is not ("type Query {" or "type Mutation {" or "type Subscription {")
                && !lines[i].EndsWith("Edge {", StringComparison.Ordinal) && !relay.Any(lines[i].StartsWith))
                bare.Add(lines[i]);
        }

        bare.ShouldBeEmpty();
    }

    private static string Print()
    {
        var builder = WebApplication.CreateBuilder();
        // Which parameters of resolvers are services is known from what is registered; none of them is called here.
        builder.Services.AddSingleton<Orleans.IGrainFactory>(_ => null!).AddSingleton<IDeploymentStore>(_ => null!).AddSingleton<IKeyStore>(_ => null!)
            .AddSingleton<IAsyncCallStore>(_ => null!).AddSingleton<IImageCatalog>(_ => null!).AddSingleton<ITestSender>(_ => null!)
            .AddSingleton(new KeyHasher(new byte[32]));
        builder.Services.AddOptions<CardOptions>();
        builder.Services.AddDeployCardGraphQL();
        using var app = (IDisposable)builder.Build();
        return ((WebApplication)app).Services.GetRequiredService<ISchemaPrinter>().Print();
    }

    private static string Solution()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Orleans.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
