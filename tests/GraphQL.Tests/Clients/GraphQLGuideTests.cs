using System.Reflection;
using DeployCard.GraphQL.Engine.Transport.Sockets;
using DeployCard.Tests.Support;
using EngineCodes = DeployCard.GraphQL.Engine.Errors.ErrorCodes;

namespace DeployCard.GraphQL.Tests.Clients;

/// <summary>Tests that <c>docs/graphql.md</c> matches the code.</summary>
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
    public async Task Guide_contains_the_client_code_that_tests_run(string file)
    {
        var path = InRepository("tests", "GraphQL.Tests", "Clients", "connect", file);
        var code = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

        Guide.ShouldContain($"```js\n{code}```\n");
    }

    [Fact]
    public void Guide_lists_every_error_code()
    {
        var codes = new[] { typeof(EngineCodes), typeof(Contracts.Results.ErrorCodes) }
            .SelectMany(codes => codes.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(code => (string)code.GetRawConstantValue()!)
            .ToList();

        codes.ShouldNotBeEmpty();
        codes.Where(code => !Guide.Contains($"`{code}`")).ShouldBeEmpty();
    }

    [Fact]
    public void Guide_lists_every_close_code()
    {
        var codes = Enum.GetValues<CloseCode>().Select(code => (int)code).Where(code => code != 1000);

        codes.Where(code => !Guide.Contains($"| {code} |")).ShouldBeEmpty();
    }

    private static string InRepository(params string[] path) => Path.Combine([Snapshot.Root, .. path]);
}
