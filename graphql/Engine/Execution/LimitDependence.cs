using GraphQLParser.AST;
using GraphQLParser.Visitors;

namespace DeployCard.GraphQL.Engine.Execution;

/// <summary>
/// Whether what an operation may touch depends on its variables: on the size of a page, or on a condition. Of a document with one operation
/// where it does not, what was once within the limits always is.
/// </summary>
internal sealed class LimitDependence : ASTVisitor<LimitDependence.Found>
{
    private static readonly LimitDependence Visitor = new();

    public static async ValueTask<bool> OnVariables(GraphQLDocument document)
    {
        if (document.Definitions.OfType<GraphQLOperationDefinition>().Count() != 1)
            return true;
        var found = new Found();
        await Visitor.VisitAsync(document, found);
        return found.Depends;
    }

    protected override ValueTask VisitArgumentAsync(GraphQLArgument argument, Found context)
    {
        context.Depends |= argument is { Value: GraphQLVariable, Name.StringValue: "first" or "last" };
        return base.VisitArgumentAsync(argument, context);
    }

    protected override ValueTask VisitDirectiveAsync(GraphQLDirective directive, Found context)
    {
        context.Depends |= directive.Arguments?.Any(argument => argument.Value is GraphQLVariable) == true;
        return base.VisitDirectiveAsync(directive, context);
    }

    /// <summary>What was found so far.</summary>
    internal sealed class Found : IASTVisitorContext
    {
        public bool Depends { get; set; }

        public CancellationToken CancellationToken => CancellationToken.None;
    }
}
