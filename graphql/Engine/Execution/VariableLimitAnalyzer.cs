using GraphQLParser.AST;
using GraphQLParser.Visitors;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Finds out whether the complexity of a document depends on variables, that is, on a page size or a condition. If a document has one
/// operation and does not depend on variables, its limits need to be checked only once.
/// </summary>
internal sealed class VariableLimitAnalyzer : ASTVisitor<VariableLimitAnalyzer.AnalysisResult>
{
    private static readonly VariableLimitAnalyzer Visitor = new();

    public static async ValueTask<bool> DependsOnVariables(GraphQLDocument document)
    {
        if (document.Definitions.OfType<GraphQLOperationDefinition>().Count() != 1)
            return true;
        var found = new AnalysisResult();
        await Visitor.VisitAsync(document, found);
        return found.HasDependency;
    }

    protected override ValueTask VisitArgumentAsync(GraphQLArgument argument, AnalysisResult context)
    {
        context.HasDependency |= argument is { Value: GraphQLVariable, Name.StringValue: "first" or "last" };
        return base.VisitArgumentAsync(argument, context);
    }

    protected override ValueTask VisitDirectiveAsync(GraphQLDirective directive, AnalysisResult context)
    {
        context.HasDependency |= directive.Arguments?.Any(argument => argument.Value is GraphQLVariable) == true;
        return base.VisitDirectiveAsync(directive, context);
    }

    /// <summary>Result of the visit so far.</summary>
    internal sealed class AnalysisResult : IASTVisitorContext
    {
        public bool HasDependency { get; set; }

        public CancellationToken CancellationToken => CancellationToken.None;
    }
}
