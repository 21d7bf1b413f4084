using System.Reflection;
using DeployCard.GraphQL.Engine.Transport.Sockets;
using EngineCodes = DeployCard.GraphQL.Engine.Errors.ErrorCodes;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary><c>docs/graphql.md</c> tells what is so.</summary>
public sealed class GraphQLGuideTests
{
    private static readonly string Guide = File.ReadAllText(InRepository("docs", "graphql.md"));

    public static TheoryData<string> Connections =>
        [
            .. Directory
                .GetFiles(InRepository("tests", "GraphQL.Tests", "Clients", "connect"))
                .Select(file => Path.GetFileName(file)!)
                .Order(),
        ];

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task Its_code_is_the_code_that_the_tests_run(string file) =>
        Guide.ShouldContain(
            $"```js\n{await File.ReadAllTextAsync(InRepository("tests", "GraphQL.Tests", "Clients", "connect", file), TestContext.Current.CancellationToken)}```\n"
        );

    [Fact]
    public void Its_table_has_every_code_of_an_error()
    {
        var codes = new[] { typeof(EngineCodes), typeof(Grains.Results.ErrorCodes) }
            .SelectMany(codes => codes.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(code => (string)code.GetRawConstantValue()!)
            .ToList();

        codes.ShouldNotBeEmpty();
        codes.Where(code => !Guide.Contains($"`{code}`")).ShouldBeEmpty();
    }

    [Fact]
    public void Its_table_has_every_code_of_a_close()
    {
        var codes = Enum.GetValues<CloseCode>().Select(code => (int)code).Where(code => code != 1000);

        codes.Where(code => !Guide.Contains($"| {code} |")).ShouldBeEmpty();
    }

    private static string InRepository(params string[] path)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Orleans.sln")))
            root = root.Parent!;
        return Path.Combine([root.FullName, .. path]);
    }
}
