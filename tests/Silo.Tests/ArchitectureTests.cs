using System.Reflection;
using System.Text.RegularExpressions;

namespace DeployCard.Silo.Tests;

/// <summary>The walls between the parts of the product.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Assembly GrainsAssembly = typeof(Grains.GrainServices).Assembly;

    [Fact]
    public void Only_the_engine_knows_the_GraphQL_library() =>
        // What applications register and set lies in the engine's folder too, but in the namespace where they look for it.
        new Wall("GraphQL", "GraphQLParser").Holds("GraphQL.Engine.", "GraphQL.GraphQL");

    [Fact]
    public void Only_storage_and_stores_know_the_database() =>
        new Wall("System.Data", "Microsoft.Data", "Npgsql", "DbUp").Holds("Grains.Storage.", "*Store");

    [Fact]
    public void Only_the_silo_and_the_engine_know_the_web_server() =>
        new Wall("Microsoft.AspNetCore").Holds("Silo.", "GraphQL.Engine.", "GraphQL.GraphQL");

    [Fact]
    public void Only_the_gateway_the_callbacks_the_checks_of_health_and_the_Kubernetes_client_speak_HTTP() =>
        new Wall("System.Net.Http", "Yarp").Holds(
            "Silo.Gateway.",
            "Silo.Callbacks.",
            "Silo.Access.TestSender",
            "Silo.Hosting.HealthCall",
            "Grains.Runtimes.LocalProcess.Readiness.",
            "Grains.Runtimes.Kubernetes."
        );

    [Fact]
    public void In_the_domain_only_the_runtimes_know_the_network() =>
        // Callbacks judge addresses, as values; they reach none.
        new Wall("System.Net")
            .Users(GrainsAssembly)
            .ShouldAllBe(user =>
                user.StartsWith("DeployCard.Grains.Runtimes.LocalProcess.Readiness.")
                || user.StartsWith("DeployCard.Grains.Runtimes.Kubernetes.")
                || user.StartsWith("DeployCard.Grains.Callbacks.Callback")
            );

    [Fact]
    public void In_the_domain_nobody_but_the_runtimes_opens_connections() =>
        new Wall("System.Net.Sockets.Socket", "System.Net.Http", "System.Net.Dns")
            .Users(GrainsAssembly)
            .ShouldAllBe(user =>
                user.StartsWith("DeployCard.Grains.Runtimes.LocalProcess.Readiness.")
                || user.StartsWith("DeployCard.Grains.Runtimes.Kubernetes.")
            );

    [Fact]
    public void Only_the_local_runtime_starts_programs() =>
        new Wall("System.Diagnostics.Process", "System.Diagnostics.ProcessStartInfo").Holds("Grains.Runtimes.LocalProcess.");

    [Fact]
    public void Nobody_but_its_runtime_knows_Kubernetes() => new Wall("k8s").Holds("Grains.Runtimes.Kubernetes.");

    [Fact]
    public void A_use_is_seen_wherever_it_stands()
    {
        var users = new Wall("System.Data").Users(typeof(ArchitectureTests).Assembly);

        users.ShouldContain(typeof(UsesInItsSignature).FullName);
        users.ShouldContain(typeof(UsesInAnAsyncMethod).FullName);
        users.ShouldContain(typeof(UsesInALambda).FullName);
        users.ShouldNotContain(typeof(UsesNothing).FullName);
    }

    [Fact]
    public void A_wall_that_is_broken_or_matches_nothing_fails()
    {
        Should
            .Throw<ShouldAssertException>(() => new Wall("System.Data").Holds("Grains.Storage."))
            .Message.ShouldContain("DeploymentStore");
        Should
            .Throw<ShouldAssertException>(() => new Wall("System.Data").Holds("Grains.Storage.", "*Store", "Grains.Logs.LogGrain"))
            .Message.ShouldContain("LogGrain");
    }

    /// <summary>The library's own names are told from ours, which a source may spell alike: so the sources are read, too.</summary>
    [Fact]
    public void No_source_outside_the_engine_names_the_GraphQL_library()
    {
        var naming = Sources("graphql", "grains", "silo").Where(file => LibraryUsing().IsMatch(File.ReadAllText(file))).ToList();

        naming.ShouldNotBeEmpty();
        naming.ShouldAllBe(file => file.Contains("/graphql/Engine/"));
    }

    [Fact]
    public void Each_alias_is_one_types_alone()
    {
        var aliases = GrainsAssembly
            .GetTypes()
            .Where(IsOurs)
            .Select(type => (Type: type, type.GetCustomAttribute<AliasAttribute>()?.Alias))
            .Where(t => t.Alias is not null)
            .ToList();

        aliases.Count.ShouldBeGreaterThan(30);
        Twice(aliases, t => t.Alias!).ShouldBeEmpty();
        Twice([("a", 1), ("b", 2), ("a", 3)], t => t.Item1).ShouldBe(["a"]);
    }

    [Fact]
    public void Each_type_that_travels_has_an_alias_so_that_it_can_be_renamed()
    {
        var travelling = Travelling();

        travelling.Count.ShouldBeGreaterThan(30);
        travelling.Where(type => type.GetCustomAttribute<AliasAttribute>() is null).Select(type => type.FullName).ShouldBeEmpty();
    }

    [Fact]
    public void Each_member_that_travels_has_an_id_of_its_own()
    {
        foreach (var type in Travelling())
            Twice(Ids(type), id => id).ShouldBeEmpty(type.FullName);

        Travelling().Count(type => Ids(type).Count > 1).ShouldBeGreaterThan(20);
        Twice(Ids(typeof(SameIdTwice)), id => id).ShouldBe([1u]);
    }

    private static List<Type> Travelling() =>
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

    private static IEnumerable<TKey> Twice<T, TKey>(IEnumerable<T> items, Func<T, TKey> key) =>
        items.GroupBy(key).Where(g => g.Count() > 1).Select(g => g.Key);

    private static IEnumerable<string> Sources(params string[] folders)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Orleans.sln")))
            root = root.Parent!;
        return folders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root.FullName, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => file.Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/"));
    }

    [GeneratedRegex(
        @"^\s*(global )?using (static )?(GraphQL|GraphQLParser)(\.|;)",
        RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex LibraryUsing();

    private sealed class SameIdTwice
    {
        [Id(0)]
        public int A { get; set; }

        [Id(1)]
        public int B { get; set; }

        [Id(1)]
        public int C { get; set; }
    }
}

/// <summary>A counter-example: it uses what it should not.</summary>
internal static class UsesInItsSignature
{
    public static void Run(System.Data.IDbConnection connection) => GC.KeepAlive(connection);
}

/// <summary>A counter-example: it uses what it should not.</summary>
internal static class UsesInAnAsyncMethod
{
    public static async Task Run()
    {
        await Task.Yield();
        _ = System.Data.ConnectionState.Open.ToString();
        GC.KeepAlive(new System.Data.DataTable());
    }
}

/// <summary>A counter-example: it uses what it should not.</summary>
internal static class UsesInALambda
{
    public static Func<object> Run() => () => new System.Data.DataTable();
}

/// <summary>The counter-example of the counter-examples.</summary>
internal static class UsesNothing
{
    public static Func<object> Run() => () => new object();
}
