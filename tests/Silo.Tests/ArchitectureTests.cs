using System.Reflection;
using System.Text.RegularExpressions;
using DeployCard.Grains;
using DeployCard.GraphQL;
using NetArchTest.Rules;

namespace DeployCard.Silo.Tests;

/// <summary>The walls between the folders. Each wall is shown to stand somewhere: the place that may pass does pass.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Assembly Grains = typeof(GrainServices).Assembly;
    private static readonly Assembly GraphQL = typeof(ApiException).Assembly;

    [Fact]
    public void Only_the_engine_knows_the_GraphQL_library()
    {
        string[] library = ["GraphQL.Types", "GraphQL.Execution", "GraphQL.Resolvers", "GraphQL.Validation", "GraphQLParser", "GraphQL.DI"];
        Users(GraphQL, library).ShouldNotBeEmpty();
        Users(GraphQL, library).ShouldAllBe(name => name.StartsWith("DeployCard.GraphQL.Engine") || name.StartsWith("DeployCard.GraphQL.GraphQL"));
        Users(Grains, library).ShouldBeEmpty();
    }

    [Fact]
    public void Only_storage_and_stores_know_the_database()
    {
        string[] database = ["System.Data", "Microsoft.Data.Sqlite", "SQLitePCL"];
        Users(Grains, database).ShouldNotBeEmpty();
        Users(Grains, database).ShouldAllBe(name => name.StartsWith("DeployCard.Grains.Storage") || StoreName().IsMatch(name));
        Users(GraphQL, database).ShouldBeEmpty();
    }

    [Fact]
    public void Grains_know_no_web_server()
    {
        Users(Grains, ["Microsoft.AspNetCore"]).ShouldBeEmpty();
        Users(GraphQL, ["Microsoft.AspNetCore"]).ShouldNotBeEmpty();
        Users(GraphQL, ["Microsoft.AspNetCore"]).ShouldAllBe(name => name.StartsWith("DeployCard.GraphQL.Engine") || name.StartsWith("DeployCard.GraphQL.GraphQL"));
    }

    [Fact]
    public void Only_the_local_process_runtime_starts_processes_and_speaks_to_them()
    {
        string[] processes = ["System.Diagnostics.Process", "System.Net.Http", "System.Net.Sockets"];
        Users(Grains, processes).ShouldNotBeEmpty();
        Users(Grains, processes).ShouldAllBe(name => name.StartsWith("DeployCard.Grains.Runtimes.LocalProcess"));
    }

    [Fact]
    public void Every_alias_and_every_id_of_what_travels_is_given_once()
    {
        var aliases = Ours().Select(t => t.GetCustomAttribute<AliasAttribute>()?.Alias).OfType<string>().ToList();
        aliases.Count.ShouldBeGreaterThan(20);
        aliases.ShouldBeUnique();
        foreach (var type in Ours().Where(t => t.GetCustomAttribute<GenerateSerializerAttribute>() is not null))
        {
            type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Select(p => p.GetCustomAttribute<IdAttribute>()?.Id).OfType<uint>().ShouldBeUnique(type.Name);
        }
    }

    [Fact]
    public void What_travels_has_an_alias_so_that_a_rename_breaks_no_rolling_update() =>
        Ours()
            .Where(t => t.GetCustomAttribute<GenerateSerializerAttribute>() is not null && t.GetCustomAttribute<AliasAttribute>() is null)
            .Select(t => t.FullName).ShouldBeEmpty();

    /// <summary>Without what Orleans' generator adds.</summary>
    private static IEnumerable<Type> Ours() => Grains.GetTypes().Where(t => t.Namespace?.StartsWith("DeployCard", StringComparison.Ordinal) is true);

    private static List<string> Users(Assembly assembly, string[] namespaces) =>
    [
        .. Types.InAssembly(assembly).That().HaveDependencyOnAny(namespaces).GetTypes()
            .Select(type => type.FullName!).Where(name => name.StartsWith("DeployCard", StringComparison.Ordinal)),
    ];

    [GeneratedRegex("(Store|Query)(\\b|[+/])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StoreName();
}
