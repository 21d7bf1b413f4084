using System.Text.RegularExpressions;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Product;

/// <summary>The GraphQL operations in the pages of the documentation and in the playground.</summary>
public sealed partial class DocumentedOperationTests
{
    public static TheoryData<string, string> Operations =>
        [
            .. from page in Directory.GetFiles(Path.Combine(Snapshot.Root, "docs"), "*.md").Append(Path.Combine(Snapshot.Root, "README.md"))
            from Match block in Block().Matches(File.ReadAllText(page))
            select (Path.GetFileName(page), block.Groups["operation"].Value),
            .. from file in Directory.GetFiles(Path.Combine(Snapshot.Root, "graphql", "Playground", "examples"), "*.graphql")
            select (Path.GetFileName(file), File.ReadAllText(file)),
        ];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Documented_operation_is_valid(string page, string operation) =>
        (await ProductSchema.Validate(operation)).ShouldBeEmpty(page);

    [Fact]
    public async Task Field_that_does_not_exist_is_found() =>
        (await ProductSchema.Validate("{ deployments { nodes { nmae } } }")).ShouldHaveSingleItem().ShouldContain("nmae");

    [GeneratedRegex("```graphql\\n(?<operation>.*?)```", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Block();
}
