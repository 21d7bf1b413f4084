using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DeployCard.Client.Http;
using DeployCard.Tests.Support;

namespace DeployCard.Silo.Tests.Architecture;

/// <summary>Rules for the dependencies between the parts of the product, and for the types that Orleans serializes.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>The projects of the product that each project may reference, directly or through others.</summary>
    public static TheoryData<string, string[]> AllowedReferences { get; } =
        new()
        {
            { "Common", [] },
            { "Contracts", ["Common"] },
            { "Client", ["Common", "Contracts"] },
            { "Domain", ["Common", "Contracts", "Client"] },
            { "Storage", ["Common", "Contracts"] },
            { "LocalProcess", ["Common", "Contracts"] },
            { "Kubernetes", ["Common", "Contracts"] },
            { "GraphQL", ["Common", "Contracts", "Client"] },
            { "Gateway", ["Common", "Contracts", "Client"] },
            { "Callbacks", ["Common", "Contracts", "Client"] },
        };

    /// <summary>
    /// Features of the domain that use another feature of the domain directly. All others know each other only by their contracts.
    /// </summary>
    private static readonly string[] DirectUses =
    [
        "AsyncCalls -> Callbacks",
        "AsyncCalls -> Retention",
        "Deployments -> Autoscaling",
        "Deployments -> Pods",
        "Deployments -> Retention",
        "Deployments -> Routing",
        "Keys -> Retention",
        "Retention -> Monitoring",
    ];

    /// <summary>Maximum number of lines of a source file of the product.</summary>
    private const int MaxLines = 250;

    [Theory, MemberData(nameof(AllowedReferences))]
    public void Project_references_only_the_projects_that_it_may(string project, string[] allowed)
    {
        var references = Project(project)
            .GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => name.StartsWith("DeployCard.", StringComparison.Ordinal))
            .Select(name => name["DeployCard.".Length..]);

        references.Except(allowed).ShouldBeEmpty();
    }

    [Fact]
    public void Only_the_host_is_exempt_from_the_rules_for_references() =>
        ProductAssemblies
            .All.Select(assembly => assembly.GetName().Name!["DeployCard.".Length..])
            .Except(AllowedReferences.Select(row => row.Data.Item1))
            .ShouldBe(["Silo"]);

    [Fact]
    public void Internal_members_are_visible_to_tests_and_to_benchmarks_only() =>
        ProductAssemblies
            .All.SelectMany(assembly => assembly.GetCustomAttributes<InternalsVisibleToAttribute>())
            .Select(friend => friend.AssemblyName)
            .Where(name => !name.EndsWith(".Tests", StringComparison.Ordinal))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ShouldBe([
                "DeployCard.Bench.Autoscaler",
                "DeployCard.Bench.Cluster",
                "DeployCard.Bench.Monitoring",
                "DeployCard.Tests.Support",
            ]);

    [Fact]
    public void Namespaces_do_not_depend_on_each_other_in_circles()
    {
        var graph = NamespaceGraph.OfProduct();
        var cycles = graph.FindCycles();

        TestContext.Current.SendDiagnosticMessage($"{graph.Namespaces.Count} namespaces, {cycles.Count} cycles");
        graph.Namespaces.Count.ShouldBeGreaterThan(50);
        graph.TargetsOf("Domain.AsyncCalls").ShouldContain("Contracts.AsyncCalls");
        cycles.ShouldBeEmpty();
    }

    [Fact]
    public void Circle_is_found()
    {
        var graph = new NamespaceGraph();
        foreach (var (from, to) in new[] { ("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "a") })
            graph.Add(from, to, $"{from} uses {to}");

        graph.FindCycles().ShouldHaveSingleItem().ShouldStartWith("a, b, c: a -> b (a uses b); ");
    }

    [Fact]
    public void Features_of_the_domain_use_each_other_directly_only_as_listed()
    {
        var graph = NamespaceGraph.OfProduct();
        var uses =
            from name in graph.Namespaces
            where name.StartsWith("Domain.", StringComparison.Ordinal)
            from target in graph.TargetsOf(name)
            where target.StartsWith("Domain.", StringComparison.Ordinal)
            select $"{Feature(name)} -> {Feature(target)}";

        uses.Where(use => use.Split(" -> ") is [var from, var to] && from != to)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ShouldBe(DirectUses);
    }

    [Fact]
    public void Only_the_engine_uses_the_GraphQL_library() =>
        // The extension methods and options for applications belong to the engine, but are in the namespace DeployCard.GraphQL.
        new RestrictedDependency("GraphQL", "GraphQLParser").ShouldBeUsedOnlyBy("GraphQL.Engine.", "GraphQL.GraphQL");

    [Fact]
    public void Only_storage_uses_the_database() =>
        new RestrictedDependency("System.Data", "Microsoft.Data", "Npgsql", "DbUp").ShouldBeUsedOnlyBy("Storage.");

    [Fact]
    public void Only_the_host_the_gateway_and_the_engine_use_ASP_NET_Core() =>
        new RestrictedDependency("Microsoft.AspNetCore").ShouldBeUsedOnlyBy("Silo.", "Gateway.", "GraphQL.Engine.");

    [Fact]
    public void Only_the_gateway_callbacks_health_checks_and_the_Kubernetes_client_send_HTTP_requests() =>
        new RestrictedDependency("System.Net.Http", "Yarp").ShouldBeUsedOnlyBy(
            "Gateway.",
            "Callbacks.",
            // Parses a media type.
            "Client.Http.ResultDocument",
            "Silo.Access.TestSender",
            "Silo.Hosting.HealthCheckCommand",
            "LocalProcess.Readiness.",
            "Kubernetes."
        );

    [Fact]
    public void Only_the_pod_runtimes_use_the_network_within_grains() =>
        // Callbacks check IP addresses and a document of a result parses a media type, but they open no connections.
        new RestrictedDependency("System.Net")
            .FindUsers([.. GrainProjects.Select(Project)])
            .ShouldAllBe(user =>
                user.StartsWith("DeployCard.LocalProcess.Readiness.")
                || user.StartsWith("DeployCard.Kubernetes.")
                || user.StartsWith("DeployCard.Contracts.Callbacks.Callback")
                || user == typeof(ResultDocument).FullName
            );

    [Fact]
    public void Only_the_pod_runtimes_open_connections_within_grains() =>
        new RestrictedDependency("System.Net.Sockets.Socket", "System.Net.Http", "System.Net.Dns")
            .FindUsers([.. GrainProjects.Select(Project)])
            .ShouldAllBe(user =>
                user.StartsWith("DeployCard.LocalProcess.Readiness.")
                || user.StartsWith("DeployCard.Kubernetes.")
                || user == typeof(ResultDocument).FullName
            );

    [Fact]
    public void Only_the_local_process_runtime_starts_processes() =>
        new RestrictedDependency("System.Diagnostics.Process", "System.Diagnostics.ProcessStartInfo").ShouldBeUsedOnlyBy("LocalProcess.");

    [Fact]
    public void Only_the_Kubernetes_runtime_uses_the_Kubernetes_client() =>
        new RestrictedDependency("k8s").ShouldBeUsedOnlyBy("Kubernetes.");

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
            .Throw<ShouldAssertException>(() => new RestrictedDependency("System.Data").ShouldBeUsedOnlyBy("Storage.Sql"))
            .Message.ShouldContain("DeploymentStore");
        Should
            .Throw<ShouldAssertException>(() =>
                new RestrictedDependency("System.Data").ShouldBeUsedOnlyBy("Storage.", "*Store", "Domain.Logs.LogGrain")
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

    /// <summary>A grain that needs several files has several responsibilities, each of which can be a class with its own tests.</summary>
    [Fact]
    public void No_grain_of_the_domain_is_a_partial_class()
    {
        var grains = Project("Domain").GetTypes().Where(type => IsOurs(type) && type.IsSubclassOf(typeof(Grain))).ToList();
        var partial = Sources("grains/Domain")
            .SelectMany(file => PartialClass().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["name"].Value)
            .ToHashSet(StringComparer.Ordinal);

        grains.Count.ShouldBeGreaterThan(8);
        partial.ShouldContain("AsyncCallLog");
        grains.Select(grain => grain.Name).Where(partial.Contains).ShouldBeEmpty();
    }

    /// <summary>A longer file has more than one responsibility. Take a part with its own invariant out of it.</summary>
    [Fact]
    public void No_file_of_the_product_is_longer_than_its_limit()
    {
        var files = Sources("graphql", "grains", "silo").Select(file => (Path: file, Lines: File.ReadLines(file).Count())).ToList();

        files.Count.ShouldBeGreaterThan(300);
        files
            .Where(file => file.Lines > MaxLines)
            .Select(file => $"{Path.GetRelativePath(Snapshot.Root, file.Path)}: {file.Lines} lines")
            .ShouldBeEmpty($"the limit is {MaxLines} lines");
    }

    [Fact]
    public void Each_alias_is_unique()
    {
        var aliases = ProductAssemblies
            .All.SelectMany(assembly => assembly.GetTypes())
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

    private static readonly string[] GrainProjects = ["Common", "Contracts", "Client", "Domain", "Storage", "LocalProcess", "Kubernetes"];

    private static Assembly Project(string name) =>
        ProductAssemblies.All.Single(assembly => assembly.GetName().Name == $"DeployCard.{name}");

    private static string Feature(string name) => name.Split('.')[1];

    private static List<Type> SerializedTypes() =>
        [
            .. ProductAssemblies
                .All.SelectMany(assembly => assembly.GetTypes())
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

    [GeneratedRegex(@"\bpartial class (?<name>\w+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PartialClass();

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
