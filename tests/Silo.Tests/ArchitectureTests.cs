using System.Reflection;
using System.Text.RegularExpressions;
using DeployCard.Tests.Support;

namespace DeployCard.Silo.Tests;

/// <summary>Rules for the dependencies between the parts of the product, and for the types that Orleans serializes.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Assembly GrainsAssembly = typeof(Grains.GrainServiceCollectionExtensions).Assembly;

    [Fact]
    public void Only_the_engine_uses_the_GraphQL_library() =>
        // The extension methods and options for applications belong to the engine, but are in the namespace DeployCard.GraphQL.
        new RestrictedDependency("GraphQL", "GraphQLParser").ShouldBeUsedOnlyBy("GraphQL.Engine.", "GraphQL.GraphQL");

    [Fact]
    public void Only_storage_and_stores_use_the_database() =>
        new RestrictedDependency("System.Data", "Microsoft.Data", "Npgsql", "DbUp").ShouldBeUsedOnlyBy("Grains.Storage.", "*Store");

    [Fact]
    public void Only_the_silo_and_the_engine_use_ASP_NET_Core() =>
        new RestrictedDependency("Microsoft.AspNetCore").ShouldBeUsedOnlyBy("Silo.", "GraphQL.Engine.", "GraphQL.GraphQL");

    [Fact]
    public void Only_the_gateway_callbacks_health_checks_and_the_Kubernetes_client_send_HTTP_requests() =>
        new RestrictedDependency("System.Net.Http", "Yarp").ShouldBeUsedOnlyBy(
            "Silo.Gateway.",
            "Silo.Callbacks.",
            "Silo.Access.TestSender",
            "Silo.Hosting.HealthCheckCommand",
            "Grains.Runtimes.LocalProcess.Readiness.",
            "Grains.Runtimes.Kubernetes."
        );

    [Fact]
    public void Only_the_pod_runtimes_use_the_network_within_grains() =>
        // Callbacks check IP addresses, but open no connections.
        new RestrictedDependency("System.Net")
            .FindUsers(GrainsAssembly)
            .ShouldAllBe(user =>
                user.StartsWith("DeployCard.Grains.Runtimes.LocalProcess.Readiness.")
                || user.StartsWith("DeployCard.Grains.Runtimes.Kubernetes.")
                || user.StartsWith("DeployCard.Grains.Callbacks.Callback")
            );

    [Fact]
    public void Only_the_pod_runtimes_open_connections_within_grains() =>
        new RestrictedDependency("System.Net.Sockets.Socket", "System.Net.Http", "System.Net.Dns")
            .FindUsers(GrainsAssembly)
            .ShouldAllBe(user =>
                user.StartsWith("DeployCard.Grains.Runtimes.LocalProcess.Readiness.")
                || user.StartsWith("DeployCard.Grains.Runtimes.Kubernetes.")
            );

    [Fact]
    public void Only_the_local_process_runtime_starts_processes() =>
        new RestrictedDependency("System.Diagnostics.Process", "System.Diagnostics.ProcessStartInfo").ShouldBeUsedOnlyBy(
            "Grains.Runtimes.LocalProcess."
        );

    [Fact]
    public void Only_the_Kubernetes_runtime_uses_the_Kubernetes_client() =>
        new RestrictedDependency("k8s").ShouldBeUsedOnlyBy("Grains.Runtimes.Kubernetes.");

    [Fact]
    public void Uses_in_signatures_async_methods_and_lambdas_are_found()
    {
        var users = new RestrictedDependency("System.Data").FindUsers(typeof(ArchitectureTests).Assembly);

        users.ShouldContain(typeof(UsesInItsSignature).FullName);
        users.ShouldContain(typeof(UsesInAnAsyncMethod).FullName);
        users.ShouldContain(typeof(UsesInALambda).FullName);
        users.ShouldNotContain(typeof(UsesNothing).FullName);
    }

    [Fact]
    public void Rule_that_is_violated_or_allows_an_unused_exception_fails()
    {
        Should
            .Throw<ShouldAssertException>(() => new RestrictedDependency("System.Data").ShouldBeUsedOnlyBy("Grains.Storage."))
            .Message.ShouldContain("DeploymentStore");
        Should
            .Throw<ShouldAssertException>(() =>
                new RestrictedDependency("System.Data").ShouldBeUsedOnlyBy("Grains.Storage.", "*Store", "Grains.Logs.LogGrain")
            )
            .Message.ShouldContain("LogGrain");
    }

    /// <summary>
    /// The library and the engine of DeployCard have similar namespaces, which the check of compiled types cannot fully separate. This test
    /// therefore reads the sources.
    /// </summary>
    [Fact]
    public void No_source_outside_the_engine_has_a_using_of_the_GraphQL_library()
    {
        var users = Sources("graphql", "grains", "silo").Where(file => LibraryUsing().IsMatch(File.ReadAllText(file))).ToList();

        users.ShouldNotBeEmpty();
        users.ShouldAllBe(file => file.Contains("/graphql/Engine/"));
    }

    [Fact]
    public void Each_alias_is_unique()
    {
        var aliases = GrainsAssembly
            .GetTypes()
            .Where(IsOurs)
            .Select(type => (Type: type, type.GetCustomAttribute<AliasAttribute>()?.Alias))
            .Where(t => t.Alias is not null)
            .ToList();

        aliases.Count.ShouldBeGreaterThan(30);
        Duplicates(aliases, t => t.Alias!).ShouldBeEmpty();
        Duplicates([("a", 1), ("b", 2), ("a", 3)], t => t.Item1).ShouldBe(["a"]);
    }

    [Fact]
    public void Each_serialized_type_has_an_alias_so_that_it_can_be_renamed()
    {
        var serialized = SerializedTypes();

        serialized.Count.ShouldBeGreaterThan(30);
        serialized.Where(type => type.GetCustomAttribute<AliasAttribute>() is null).Select(type => type.FullName).ShouldBeEmpty();
    }

    [Fact]
    public void Each_serialized_member_has_a_unique_id_in_its_type()
    {
        foreach (var type in SerializedTypes())
            Duplicates(Ids(type), id => id).ShouldBeEmpty(type.FullName);

        SerializedTypes().Count(type => Ids(type).Count > 1).ShouldBeGreaterThan(20);
        Duplicates(Ids(typeof(DuplicateId)), id => id).ShouldBe([1u]);
    }

    private static List<Type> SerializedTypes() =>
        [
            .. GrainsAssembly
                .GetTypes()
                .Where(type => IsOurs(type) && !type.IsEnum && type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)),
        ];

    private static bool IsOurs(Type type) => type.Namespace?.StartsWith("DeployCard.", StringComparison.Ordinal) is true;

    private static List<uint> Ids(Type type) =>
        [
            .. type.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Select(member => member.GetCustomAttribute<IdAttribute>(inherit: false)?.Id)
                .OfType<uint>(),
        ];

    private static IEnumerable<TKey> Duplicates<T, TKey>(IEnumerable<T> items, Func<T, TKey> key) =>
        items.GroupBy(key).Where(g => g.Count() > 1).Select(g => g.Key);

    private static IEnumerable<string> Sources(params string[] folders) =>
        folders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Snapshot.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => file.Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/"));

    [GeneratedRegex(
        @"^\s*(global )?using (static )?(GraphQL|GraphQLParser)(\.|;)",
        RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex LibraryUsing();

    private sealed class DuplicateId
    {
        [Id(0)]
        public int A { get; set; }

        [Id(1)]
        public int B { get; set; }

        [Id(1)]
        public int C { get; set; }
    }
}

/// <summary>Example of a class that uses a restricted dependency.</summary>
internal static class UsesInItsSignature
{
    public static void Run(System.Data.IDbConnection connection) => GC.KeepAlive(connection);
}

/// <summary>Example of a class that uses a restricted dependency.</summary>
internal static class UsesInAnAsyncMethod
{
    public static async Task Run()
    {
        await Task.Yield();
        _ = System.Data.ConnectionState.Open.ToString();
        GC.KeepAlive(new System.Data.DataTable());
    }
}

/// <summary>Example of a class that uses a restricted dependency.</summary>
internal static class UsesInALambda
{
    public static Func<object> Run() => () => new System.Data.DataTable();
}

/// <summary>Example of a class that uses no restricted dependency.</summary>
internal static class UsesNothing
{
    public static Func<object> Run() => () => new object();
}
